using Adam.Client;

namespace Readme;

/// <summary>The example of docs/durability.md, line by line.</summary>
internal static class DurabilityExample
{
    public static async Task RunAsync(string address, float[] weights, float[] gradient, string path)
    {
        await using var client = AdamClient.ForAddress(address);

        var model = await client.CreateSessionAsync(new SessionSpec
        {
            SessionId = "my-model",
            Tensors = [new TensorSpec("w", [weights.Length])],
            InitialWeights = [weights],
            Durability = new SessionDurability { Tier = DurabilityTier.Snapshot, SnapshotEverySteps = 1000 },
        });
        await client.SaveCheckpointAsync(model.Id, "start");
        await using (var session = await client.OpenSessionAsync(model.Reference))
        {
            var result = await session.StepAsync([gradient], [weights]);
            Console.WriteLine($"Version {result.Version}; {result.DurableVersion} would survive a crash.");
        }

        // Two ways on from here: the child keeps this state, the parent goes back.
        var child = await client.ForkSessionAsync(model.Id, "my-variant");
        Console.WriteLine($"{child.Id} goes on from version {child.Lineage!.ParentVersion} of {model.Id}.");
        model = await client.RestoreCheckpointAsync(model.Id, "start");
        Console.WriteLine($"{model.Id} has taken {model.Iterations} steps, in generation {model.Generation}.");

        // A file for another service.
        await using (var file = File.Create(path))
        {
            await client.ExportSessionAsync(child.Id, file);
        }

        await using (var file = File.OpenRead(path))
        {
            await client.ImportSessionAsync(file, new ImportOptions { SessionId = "my-copy" });
        }
    }
}
