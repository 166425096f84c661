namespace Adam.Client.Tests.Support;

/// <summary>Sessions of <see cref="SmallModel"/> that have taken steps.</summary>
internal static class TrainedSession
{
    /// <summary>Makes one and trains it.</summary>
    public static async Task<SessionInfo> MakeAsync(AdamClient client, int steps, SessionSpec? spec = null)
    {
        var created = await client.CreateSessionAsync(spec ?? SmallModel.Spec());
        await TrainAsync(client, created.Id, 1, steps);
        return await client.GetSessionAsync(created.Id);
    }

    /// <summary>Takes steps with the gradients of certain numbers.</summary>
    public static async Task TrainAsync(AdamClient client, string id, int first, int count)
    {
        await using var session = await client.OpenSessionAsync(id, new OpenOptions { Takeover = true });
        for (var step = first; step < first + count; step++)
        {
            await session.StepAsync(SmallModel.ReadOnly(SmallModel.Gradients(step)));
        }
    }

    /// <summary>The bits of all weights, tensor by tensor.</summary>
    public static async Task<int[][]> WeightsAsync(AdamClient client, string id)
    {
        var read = await client.ReadTensorsAsync(id);
        return [.. Enumerable.Range(0, SmallModel.Tensors.Count).Where(tensor => read.Has(tensor)).Select(tensor => Bits.Of(read[tensor]))];
    }
}
