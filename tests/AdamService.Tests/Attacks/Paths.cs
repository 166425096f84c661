namespace Adam.Service.Tests.Attacks;

/// <summary>Methods that attacks call.</summary>
internal static class Paths
{
    /// <summary>A method that answers at once.</summary>
    public const string ListSessions = "/adam.v1.Sessions/ListSessions";

    /// <summary>A method that waits for its client.</summary>
    public const string Train = "/adam.v1.Training/Train";

    /// <summary>A method with a long answer.</summary>
    public const string ReadTensors = "/adam.v1.Training/ReadTensors";
}
