namespace Adam.V1;

/// <summary>
/// Says who takes the elements of what is received. A marshaller is told nothing of the call that it works for, but it runs in the flow of
/// whoever awaits the message.
/// </summary>
public static class TensorSink
{
    private static readonly AsyncLocal<ITensorSink?> s_current = new();

    /// <summary>Who takes elements now; null for nobody.</summary>
    internal static ITensorSink? Current => s_current.Value;

    /// <summary>Makes somebody take the elements of the messages that the caller awaits from here on, until its method returns.</summary>
    /// <param name="sink">Who takes them; null for nobody.</param>
    public static void Use(ITensorSink? sink) => s_current.Value = sink;
}
