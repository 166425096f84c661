namespace Adam.Service.Connections;

/// <summary>What a handler tells about the requests that it waits for.</summary>
internal interface ICallPatience
{
    /// <summary>
    /// Whether the client may take its time before it begins the next message. False at first. In the middle of a message it never may.
    /// </summary>
    bool MayRest { get; set; }
}
