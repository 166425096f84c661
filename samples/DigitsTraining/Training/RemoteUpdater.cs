using Adam.Client;
using Adam.Samples.DigitsTraining.Model;

namespace Adam.Samples.DigitsTraining.Training;

/// <summary>Sends the gradients of a network to the service and takes the new weights from there.</summary>
internal sealed class RemoteUpdater : IWeightUpdater
{
    private readonly AdamClient _client;
    private readonly OptimizerSession _session;
    private readonly IReadOnlyList<ReadOnlyTensorMemory> _gradients;
    private readonly IReadOnlyList<TensorMemory> _weights;

    private RemoteUpdater(AdamClient client, OptimizerSession session, Mlp network)
    {
        _client = client;
        _session = session;
        _gradients = [.. network.Gradients];
        _weights = [.. network.Weights];
    }

    public string Description => $"the service, session {_session.Reference.Id}";

    /// <summary>The session that the service keeps for this network.</summary>
    public SessionRef Session => _session.Reference;

    /// <summary>Makes a session with the weights of a network and opens it.</summary>
    public static async Task<RemoteUpdater> CreateAsync(
        AdamClient client,
        Mlp network,
        double learningRate,
        CancellationToken cancellationToken)
    {
        var session = await client.CreateSessionAsync(
            new SessionSpec
            {
                Optimizer = new AdamSettings { LearningRate = learningRate },
                Tensors = [.. network.Parameters.Select(parameter => new TensorSpec(parameter.Name, parameter.Shape))],
                InitialWeights = [.. network.Weights],
                Labels = new Dictionary<string, string> { ["sample"] = "digits" },
            },
            cancellationToken);
        try
        {
            return new RemoteUpdater(client, await client.OpenSessionAsync(session.Reference, null, cancellationToken), network);
        }
        catch
        {
            await DeleteAsync(client, session.Reference);
            throw;
        }
    }

    public Task UpdateAsync(CancellationToken cancellationToken) =>
        _session.StepAsync(_gradients, _weights, options: null, cancellationToken);

    /// <summary>Ends the stream and deletes the session: the weights are in the network.</summary>
    public async ValueTask DisposeAsync()
    {
        await _session.DisposeAsync();
        await DeleteAsync(_client, _session.Reference);
    }

    private static async Task DeleteAsync(AdamClient client, SessionRef session)
    {
        try
        {
            await client.DeleteSessionAsync(session);
        }
        catch (AdamException gone) when (gone.IsTransient || gone is SessionNotFoundException)
        {
            // Whatever ended the service or the session has ended the step or the opening before, and that failure is the one to show.
        }
    }
}
