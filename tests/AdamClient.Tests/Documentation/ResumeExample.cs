using Adam.Client;

namespace Readme;

/// <summary>The example of docs/resume.md, line by line.</summary>
internal static class ResumeExample
{
    public static async Task RunAsync(string address, float[] weights, int batches, Func<float[], int, float[]> backward)
    {
        await using var client = AdamClient.ForAddress(address, new AdamClientOptions { WorkerId = "trainer-0" });

        // The process before may have left a stream behind that the service has not missed yet.
        var mine = new OpenOptions { Takeover = true };
        OptimizerSession session;
        try
        {
            session = await client.OpenSessionAsync("my-model", mine);
        }
        catch (SessionNotFoundException)
        {
            await client.CreateSessionAsync(new SessionSpec { SessionId = "my-model", Tensors = [new TensorSpec("w", [weights.Length])], InitialWeights = [weights] });
            session = await client.OpenSessionAsync("my-model", mine);
        }

        await using (session)
        {
            // The cursor of the last batch that was applied says which one is next; the weights are those after it.
            await client.ReadTensorsAsync(session.Reference, [weights]);
            var next = session.ClientCursor.IsEmpty ? 0 : BitConverter.ToInt32(session.ClientCursor.Span);
            for (; next < batches; next++)
            {
                float[] gradient = backward(weights, next);
                await session.StepAsync([gradient], [weights], new StepOptions { ClientCursor = BitConverter.GetBytes(next + 1) });
            }
        }
    }
}
