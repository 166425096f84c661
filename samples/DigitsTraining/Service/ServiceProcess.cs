using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;

namespace Adam.Samples.DigitsTraining.Service;

/// <summary>
/// The service as a process of its own, on free loopback ports. It stops when its standard input closes, so it never outlives this
/// process.
/// </summary>
internal sealed class ServiceProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartMax = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopMax = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(20);

    private readonly Process _process;
    private readonly OutputTail _output;
    private readonly DirectoryInfo _directory;

    private ServiceProcess(Process process, OutputTail output, DirectoryInfo directory, ServiceAddresses addresses)
    {
        _process = process;
        _output = output;
        _directory = directory;
        Addresses = addresses;
    }

    /// <summary>Where it listens.</summary>
    public ServiceAddresses Addresses { get; }

    /// <summary>The last lines that it wrote.</summary>
    public string Output => _output.ToString();

    /// <summary>Starts the service and waits until it listens.</summary>
    /// <param name="serviceDll">Another <c>AdamService.dll</c>. Null: the one that <see cref="ServiceLocation"/> finds.</param>
    /// <param name="arguments">More arguments for the service.</param>
    /// <param name="dataDirectory">Where it keeps sessions, empty for nowhere. Null: in a folder that goes with the process.</param>
    /// <param name="cancellationToken">Ends the start, and the process.</param>
    /// <exception cref="ServiceStartException">It is not there, exited early or did not listen in time.</exception>
    public static async Task<ServiceProcess> StartAsync(
        string? serviceDll = null,
        IReadOnlyList<string>? arguments = null,
        string? dataDirectory = null,
        CancellationToken cancellationToken = default)
    {
        var dll = ServiceLocation.Find(serviceDll);
        var directory = Directory.CreateTempSubdirectory("adam-service-");
        var addressFile = Path.Combine(directory.FullName, "addresses.json");
        var output = new OutputTail();
        var process = new Process { StartInfo = Describe(dll, addressFile, dataDirectory ?? Path.Combine(directory.FullName, "data"), arguments ?? []) };
        process.OutputDataReceived += output.OnLine;
        process.ErrorDataReceived += output.OnLine;
        Launch(process, directory);
        try
        {
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            var addresses = await WaitForAddressesAsync(process, addressFile, output, cancellationToken);
            return new ServiceProcess(process, output, directory, addresses);
        }
        catch
        {
            await EndAsync(process, TimeSpan.Zero);
            process.Dispose();
            directory.Delete(recursive: true);
            throw;
        }
    }

    /// <summary>Asks the service to stop and waits; ends it by force if it takes too long.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> StopAsync()
    {
        await EndAsync(_process, StopMax);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync(_process, StopMax);
        _process.Dispose();
        _directory.Delete(recursive: true);
    }

    private static void Launch(Process process, DirectoryInfo directory)
    {
        try
        {
            process.Start();
        }
        catch (Win32Exception missing)
        {
            directory.Delete(recursive: true);
            throw new ServiceStartException($"The service could not be started with '{process.StartInfo.FileName}': {missing.Message}");
        }
    }

    private static ProcessStartInfo Describe(string dll, string addressFile, string dataDirectory, IReadOnlyList<string> arguments)
    {
        // The command line tool names its own host, which need not be on the path.
        var host = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } path ? path : "dotnet";
        return new ProcessStartInfo(
            host,
            [
                dll, "serve", "--grpc-url", "http://127.0.0.1:0", "--http-url", "http://127.0.0.1:0",
                "--data-dir", dataDirectory, "--address-file", addressFile, "--stop-with-stdin", .. arguments,
            ])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
    }

    private static async Task<ServiceAddresses> WaitForAddressesAsync(
        Process process,
        string addressFile,
        OutputTail output,
        CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(StartMax);
        using var timer = new PeriodicTimer(LookEvery);
        try
        {
            // The file appears by a rename, so it is complete when it is there.
            while (!File.Exists(addressFile))
            {
                if (process.HasExited)
                {
                    // Waiting once more lets the last lines of output arrive.
                    await process.WaitForExitAsync(limit.Token);
                    throw new ServiceStartException($"The service exited with code {process.ExitCode}:{Environment.NewLine}{output}");
                }

                await timer.WaitForNextTickAsync(limit.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ServiceStartException(
                $"The service did not listen within {StartMax.TotalSeconds} seconds:{Environment.NewLine}{output}");
        }

        await using var file = File.OpenRead(addressFile);
        return await JsonSerializer.DeserializeAsync<ServiceAddresses>(file, cancellationToken: cancellationToken)
            ?? throw new ServiceStartException("The service wrote an empty address file.");
    }

    private static async Task EndAsync(Process process, TimeSpan patience)
    {
        process.StandardInput.Close();
        using var limit = new CancellationTokenSource(patience);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }
}
