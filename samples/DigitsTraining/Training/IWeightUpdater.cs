namespace Adam.Samples.DigitsTraining.Training;

/// <summary>Whatever turns gradients into new weights: the service, or the engine in this process.</summary>
internal interface IWeightUpdater : IAsyncDisposable
{
    /// <summary>What it is, for people.</summary>
    string Description { get; }

    /// <summary>Takes one step.</summary>
    /// <param name="cancellationToken">Ends the step.</param>
    /// <remarks>
    /// It reads the gradients of the network that it was made for, whose content is undefined afterwards, and writes its weights.
    /// </remarks>
    Task UpdateAsync(CancellationToken cancellationToken);
}
