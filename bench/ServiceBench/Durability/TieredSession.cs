using Adam.Client;
using Adam.V1;
using Grpc.Core;

namespace Adam.Bench.ServiceBench.Durability;

/// <summary>Sessions of a tier, with weights of zero.</summary>
internal static class TieredSession
{
    /// <summary>Makes one.</summary>
    /// <param name="channel">The service.</param>
    /// <param name="client">The same.</param>
    /// <param name="id">Its id.</param>
    /// <param name="tier">How safe it is.</param>
    /// <param name="lengths">The elements of its tensors.</param>
    public static async Task CreateAsync(ChannelBase channel, AdamClient client, string id, V1.DurabilityTier tier, IReadOnlyList<long> lengths)
    {
        await new Sessions.SessionsClient(channel).CreateSessionAsync(new CreateSessionRequest
        {
            SessionId = id,
            Durability = new V1.Durability { Tier = tier },
            Tensors = { lengths.Select((length, index) => new V1.TensorSpec { Name = $"t{index}", Shape = { length } }) },
        });
        for (var index = 0; index < lengths.Count; index++)
        {
            await client.WriteTensorsAsync(new Adam.Client.SessionRef(id), [new TensorWrite(index, new float[lengths[index]])]);
        }
    }
}
