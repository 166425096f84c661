namespace Adam.Service.Storage.Log;

/// <summary>Who waits for a record, and is told on the log's thread, which all others wait for.</summary>
internal interface ILogWaiter
{
    /// <summary>The record is durable.</summary>
    /// <param name="lsn">Its number.</param>
    /// <param name="isOneOfFew">Whether so few are told together that some microseconds of work may be done at once; otherwise it is to be handed on.</param>
    void OnAppended(ulong lsn, bool isOneOfFew);

    /// <summary>The record is not there, or not surely.</summary>
    /// <param name="error">A <see cref="Files.StorageException"/>.</param>
    void OnRefused(Exception error);
}
