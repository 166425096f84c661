namespace Adam.Engine.Keras;

/// <summary>A place in the JSON, for error fields such as <c>config.inner_optimizer.config.clipnorm</c>.</summary>
/// <param name="Prefix">Empty, or names that end with a dot.</param>
internal readonly record struct KerasPath(string Prefix)
{
    private const int NameLengthMax = 100;

    public static KerasPath Root => new("");

    public string Of(string name) => Prefix + (name.Length <= NameLengthMax ? name : name[..NameLengthMax] + "...");

    public KerasPath Into(string name) => new($"{Prefix}{name}.");
}
