namespace Adam.Engine.Keras;

/// <summary>Keras's <c>{"module": ..., "class_name": ..., "config": {...}, "registered_name": null}</c>.</summary>
/// <param name="ClassName">The class.</param>
/// <param name="Config">Its constructor arguments.</param>
internal sealed record SerializedObject(string ClassName, PythonValue.Dict Config)
{
    public static readonly PythonValue.Dict NoConfig = new([]);

    // Where Keras 3, tf.keras and tf_keras say that their own classes are; "builtins" is what Keras says of what has no module.
    private static readonly string[] KerasModules = ["keras", "tf_keras", "tensorflow.keras", "tensorflow.python.keras", "builtins"];

    // What Keras adds to any object that it saves; nothing of it is about an optimizer's arguments.
    private static readonly string[] Ignored = ["build_config", "compile_config", "shared_object_id"];

    private static readonly string[] Known = ["module", "class_name", "config", "registered_name"];

    /// <summary>Reads an object; null, with the reasons in <paramref name="errors"/>, when it is none.</summary>
    public static SerializedObject? Read(PythonValue value, KerasPath path, List<OptionError> errors)
    {
        if (value is not PythonValue.Dict members || members["class_name"] is not PythonValue.Str { Value: var className })
        {
            errors.Add(new OptionError(
                path.Of("class_name"),
                "A serialised Keras object is expected, such as {\"module\": \"keras.optimizers\", \"class_name\": \"Adam\", \"config\": {...}, "
                + $"\"registered_name\": null}}. Received: {PythonText.Repr(value)}"));
            return null;
        }

        int before = errors.Count;
        CheckModule(members["module"], path, errors);
        CheckRegisteredName(members["registered_name"], className, path, errors);
        string[] unknown = [.. members.Members.Select(member => member.Key).Except([.. Known, .. Ignored], StringComparer.Ordinal)];
        if (unknown.Length > 0)
        {
            string list = PythonText.Str(new PythonValue.Str(string.Join(", ", unknown)));
            errors.Add(new OptionError(path.Of(unknown[0]), $"A serialised Keras object has no such member. Received: {list}"));
        }

        PythonValue.Dict? config = (members["config"] ?? PythonValue.None.Instance) switch
        {
            PythonValue.Dict dict => dict,
            PythonValue.None => NoConfig,
            var other => Refuse(other, path, errors),
        };
        return config is null || errors.Count > before ? null : new SerializedObject(className, config);
    }

    private static PythonValue.Dict? Refuse(PythonValue config, KerasPath path, List<OptionError> errors)
    {
        errors.Add(new OptionError(path.Of("config"), $"An object with the constructor's arguments is expected. Received: {PythonText.Repr(config)}"));
        return null;
    }

    private static void CheckModule(PythonValue? module, KerasPath path, List<OptionError> errors)
    {
        bool isKeras = module is null
            || (module is PythonValue.Str { Value: var name }
                && KerasModules.Any(keras => name == keras || name.StartsWith(keras + ".", StringComparison.Ordinal)));
        if (!isKeras)
        {
            errors.Add(new OptionError(
                path.Of("module"),
                $"Only Keras's own classes can be read, whose module is `keras.optimizers` or alike. Received: {PythonText.Repr(module!)}"));
        }
    }

    private static void CheckRegisteredName(PythonValue? registered, string className, KerasPath path, List<OptionError> errors)
    {
        bool isKeras = registered is null or PythonValue.None
            || (registered is PythonValue.Str { Value: var name } && string.Equals(name, className, StringComparison.OrdinalIgnoreCase));
        if (!isKeras)
        {
            errors.Add(new OptionError(
                path.Of("registered_name"),
                "A registered name marks a custom class, which is Python code that this engine does not have. Keras's own classes have "
                + $"null. Received: {PythonText.Repr(registered!)}"));
        }
    }
}
