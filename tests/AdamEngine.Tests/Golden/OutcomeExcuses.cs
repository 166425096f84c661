using Adam.Golden;

namespace Adam.Engine.Tests.Golden;

/// <summary>Recorded outcomes that the typed API of the engine cannot have, or is meant not to have, with the reason.</summary>
internal static class OutcomeExcuses
{
    private const string Typed = "The type of the property makes this value impossible; KerasOutcomeTests reproduces the row from JSON, if JSON can say it.";
    private const string Unknown = "There are no unknown keyword arguments in C#; KerasOutcomeTests reproduces the row from JSON.";
    private const string Explicit = "Gradients carry the index of their variable, so lists are never paired by position.";
    private const string Stricter = "Refused on purpose where Keras loses data or does nothing silently.";
    private const string Lookup = "Optimizers are not looked up by name in the engine.";
    private const string State = "State is read and written per slot, not as one positional list.";
    private const string LossScale = "The typed options have only the arguments that Keras takes; KerasOutcomeTests reproduces the row from JSON.";
    private const string Python = "Python's own error about an attribute of a function; here the refusal says what is in place.";

    private static readonly Dictionary<string, string> Reasons = new()
    {
        ["constructor Adam(learning_rate=1)"] = Typed,
        ["constructor Adam(learning_rate=true)"] = Typed,
        ["constructor Adam(learning_rate=\"x\")"] = Typed,
        ["constructor Adam(use_ema=true, ema_overwrite_frequency=2.0)"] = Typed,
        ["constructor Adam(gradient_accumulation_steps=2.5)"] = Typed,
        ["constructor Adam(weight_decay=true)"] = Typed,
        ["constructor Adam(name=3)"] = Typed,
        ["constructor AdamW(weight_decay=null)"] = Typed,
        ["constructor Adam(decay=0.1)"] = Unknown,
        ["constructor Adam(decay=null)"] = Unknown,
        ["constructor Adam(foo=1)"] = Unknown,
        ["constructor Adam(lr=0.1)"] = Unknown,
        ["constructor Adam(jit_compile=true)"] = Unknown,
        ["apply empty gradient list is a no-op: iterations unchanged, not even built"] = Stricter,
        ["apply gradients without variables on an unbuilt optimizer"] = "An optimizer is always built.",
        ["apply built on 2 variables, apply of 1 gradient without variables"] = Explicit,
        ["apply fewer gradients than variables when both are passed: silently truncated"] = Explicit,
        ["apply more gradients than variables when both are passed: silently truncated"] = Explicit,
        ["apply more gradients than variables and the surplus one is None"] = Explicit,
        ["apply gradient of a broadcastable shape is accepted"] = Stricter,
        ["apply_gradients empty list"] = Stricter,
        ["learning_rate set a number when a plain callable is in place"] = Python,
        ["apply callable beta_1 (documented, not supported)"] = Typed,
        ["exclude_from_weight_decay after build(): documented to raise, does not"] = "The exclusion is part of the variable.",
        ["finalize_variable_values wrong number of variables"] = "The optimizer holds its variables, so there is no list to give.",
        ["set_weights before build"] = State,
        ["set_weights wrong shape"] = State,
        ["load_own_variables wrong number of variables: warning, nothing loaded"] = State,
        ["apply LossScaleOptimizer, empty gradient list: the growth counter advances"] = Stricter,
    };

    public static IReadOnlyCollection<string> Keys => Reasons.Keys;

    public static string? Of(GoldenOutcome row) => row switch
    {
        { Kind: "optimizers.get" } => Lookup,
        { Kind: "constructor", What: "LossScaleOptimizer" } => LossScale,
        _ => Reasons.GetValueOrDefault(row.Key),
    };
}
