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
    /// <param name="args">The command line.</param>
    /// <param name="output">For what it does.</param>
    /// <param name="error">For why it ended early.</param>
    /// <param name="isTerminal">True draws a bar that grows.</param>
    /// <param name="stop">Stops it, as Ctrl-C does.</param>
    public static Task<int> RunAsync(
        string[] args,
        TextWriter output,
        TextWriter error,
        bool isTerminal,
        CancellationToken stop = default)
    {
        var command = SampleCommand.Create(async (options, cancellationToken) =>
        {
            try
            {
                return await new SampleRun(options, output, isTerminal).RunAsync(cancellationToken);
            }
            catch (Exception failure) when (failure is AdamException or ServiceStartException or OperationCanceledException)
            {
                // Ctrl-C reaches the service too, and its end may be noticed before the cancellation is.
                await error.WriteLineAsync(cancellationToken.IsCancellationRequested ? "Stopped." : $"FAILED: {failure.Message}");
                return 1;
            }
        });
        return command.Parse(args).InvokeAsync(new InvocationConfiguration { Output = output, Error = error }, stop);
    }
}
