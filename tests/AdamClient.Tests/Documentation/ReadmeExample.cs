using Adam.Client;

namespace Readme;

/// <summary>The example of the README, line by line; outside the SDK's namespace, as its readers are.</summary>
internal static class ReadmeExample
{
    public static async Task<StepResult> RunAsync(string address)
    {
        // The model is yours: a matrix and a vector with their first values, and gradients from your backward pass.
        float[] kernel = new float[64 * 10], bias = new float[10];
        float[] kernelGradient = new float[64 * 10], biasGradient = new float[10];

        await using var client = AdamClient.ForAddress(address);

        var created = await client.CreateSessionAsync(new SessionSpec
        {
            SessionId = "my-model",
            Optimizer = new AdamSettings { LearningRate = LearningRate.Constant(0.01), ClipNorm = 1.0 },
            Tensors = [new TensorSpec("dense/kernel", [64, 10]), new TensorSpec("dense/bias", [10])],
            InitialWeights = [kernel, bias],
        });

        await using var session = await client.OpenSessionAsync(created.Reference);
        var result = await session.StepAsync([kernelGradient, biasGradient], weights: [kernel, bias]);
        Console.WriteLine($"{result.Outcome}, iteration {result.Iterations}, gradient norm {result.GradientNorm}");
        return result;
    }
}
