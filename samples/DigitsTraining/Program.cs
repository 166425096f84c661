using System.CommandLine;
using Adam.Client;
using Adam.Samples.DigitsTraining.CommandLine;
using Adam.Samples.DigitsTraining.Service;

namespace Adam.Samples.DigitsTraining;

/// <summary>Trains a network on handwritten digits; every update of its weights happens in the service.</summary>
internal static class Program
{
    public static Task<int> Main(string[] args) => RunAsync(args, Console.Out, Console.Error, isTerminal: !Console.IsOutputRedirected);

    /// <summary>The whole program, with its output wherever a test wants it.</summary>
    public static Task<int> RunAsync(string[] args, TextWriter output, TextWriter error, bool isTerminal)
    {
        var command = SampleCommand.Create(async (options, cancellationToken) =>
        {
            try
            {
                return await new SampleRun(options, output, isTerminal).RunAsync(cancellationToken);
            }
            catch (Exception failure) when (failure is AdamException or ServiceStartException)
            {
                await error.WriteLineAsync($"FAILED: {failure.Message}");
                return 1;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                await error.WriteLineAsync("Stopped.");
                return 1;
            }
        });
        return command.Parse(args).InvokeAsync(new InvocationConfiguration { Output = output, Error = error });
    }
}
