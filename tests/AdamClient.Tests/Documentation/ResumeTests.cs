using Adam.Client.Tests.Support;
using Adam.Samples.DigitsTraining.Service;
using Readme;

namespace Adam.Client.Tests.Documentation;

/// <summary>The example of docs/resume.md is code that was compiled, and goes on where a process before stopped.</summary>
public sealed class ResumeTests
{
    private const int Batches = 6;

    [Fact]
    public async Task Example_ProcessesThatEndAnywhere_AreOneRun()
    {
        await using var service = await ServiceProcess.StartAsync();
        await using var other = await ServiceProcess.StartAsync();
        var made = new List<int>();
        float[] Backward(float[] weights, int batch)
        {
            made.Add(batch);
            return made.Count is 1 or 4 ? throw new InvalidOperationException("the process dies") : Gradient(weights, batch);
        }

        await Assert.ThrowsAsync<InvalidOperationException>(() => RunAsync(service, Initial(), Backward));
        await Assert.ThrowsAsync<InvalidOperationException>(() => RunAsync(service, Initial(), Backward));
        var weights = Initial();
        await RunAsync(service, weights, Backward);
        var expected = Initial();
        await RunAsync(other, expected, Gradient);

        Assert.Equal([0, 0, 1, 2, 2, 3, 4, 5], made);
        Assert.Equal(Bits.Of(expected), Bits.Of(weights));
    }

    [Fact]
    public async Task Example_IsTheOneOfThePage()
    {
        var page = await File.ReadAllTextAsync(Path.Combine(DocumentedCode.Root, "docs", "resume.md"));
        var source = await File.ReadAllTextAsync(DocumentedCode.PathOf("ResumeExample.cs"));

        Assert.Contains(
            string.Join('\n', DocumentedCode.FirstBlock(page)), string.Join('\n', DocumentedCode.Lines(source)), StringComparison.Ordinal);
    }

    private static Task RunAsync(ServiceProcess service, float[] weights, Func<float[], int, float[]> backward) =>
        ResumeExample.RunAsync(service.Addresses.Grpc.ToString(), weights, Batches, backward);

    private static float[] Initial() => [1, -2, 3];

    private static float[] Gradient(float[] weights, int batch) => [.. weights.Select(weight => (weight * 0.3f) + batch)];
}
