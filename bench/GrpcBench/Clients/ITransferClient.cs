namespace Adam.Bench.GrpcBench.Clients;

/// <summary>Who moves messages and makes calls.</summary>
internal interface ITransferClient : IDisposable
{
    /// <summary>Sends messages and receives each of them back.</summary>
    Task EchoAsync(int messages);

    /// <summary>Sends messages.</summary>
    Task UploadAsync(int messages);

    /// <summary>Receives messages.</summary>
    Task DownloadAsync(int messages);

    /// <summary>Makes small calls, one after the other.</summary>
    Task UnaryAsync(int calls);
}
