using System.Security.Cryptography.X509Certificates;
using Adam.Bench.LoadBench.Processes;
using Adam.Bench.ServiceBench.Peers;
using Adam.Client;

namespace Adam.Bench.ServiceBench;

/// <summary>Those who train one model through the service and take turns, with the processes and sessions that they need and that end with them.</summary>
/// <param name="workload">The model.</param>
internal sealed class Participants(Workload workload) : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<IPeer> _peers = [];
    private readonly Stack<IAsyncDisposable> _owned = new();

    /// <summary>The model.</summary>
    public Workload Workload => workload;

    /// <summary>What all of them have in their memory.</summary>
    public TrainerMemory Memory { get; } = new(workload);

    /// <summary>Those who take turns.</summary>
    public IReadOnlyList<IPeer> Peers => _peers;

    /// <summary>A session for the model, with Keras's defaults.</summary>
    public SessionSpec Session => new()
    {
        Tensors = [.. workload.Shapes.Select((shape, index) => new TensorSpec($"t{index}", shape))],
        InitialWeights = [.. Memory.Weights.Select(weights => (ReadOnlyTensorMemory)weights)],
    };

    /// <summary>A path for a file, which is deleted in the end.</summary>
    public string PathOf(string name) => _folder.PathOf(name);

    /// <summary>Starts a service over TCP.</summary>
    /// <param name="settings">Those that are not left as they are, each as <c>Section:Name=value</c>.</param>
    public Task<ServiceProcess> ServeAsync(params IEnumerable<string> settings) => ServeAsync(new Uri("http://127.0.0.1:0"), settings);

    /// <summary>Starts a service.</summary>
    /// <param name="url">Where it listens.</param>
    /// <param name="settings">Those that are not left as they are, each as <c>Section:Name=value</c>.</param>
    public async Task<ServiceProcess> ServeAsync(Uri url, params IEnumerable<string> settings)
    {
        // Enough for the sessions of any part, with what they stage, share and make deltas of.
        var memory = Math.Max(1L << 30, workload.Parameters * 200);
        return Own(await ServiceProcess.StartAsync(url.OriginalString, [$"Limits:MemoryBytes={memory}", .. settings]));
    }

    /// <summary>Makes a session and opens it.</summary>
    /// <param name="service">Where.</param>
    /// <param name="session">What it is to be. Null: <see cref="Session"/>.</param>
    /// <param name="authority">Who issued the certificate of a service with TLS.</param>
    public async Task<SdkTrainer> TrainAsync(ServiceProcess service, SessionSpec? session = null, X509Certificate2? authority = null) =>
        Own(await SdkTrainer.StartAsync(service.Url, session ?? Session, Memory, authority));

    /// <summary>Lets somebody take turns.</summary>
    public void Add(IPeer peer) => _peers.Add(Own(peer));

    /// <summary>Lets a trainer take turns with steps of a kind.</summary>
    /// <param name="name">What they are called in tables.</param>
    /// <param name="trainer">Who takes them.</param>
    /// <param name="options">How gradients travel, and what comes back.</param>
    /// <param name="gradients">Those of a batch. Null: a dense one for each tensor.</param>
    public void Add(string name, SdkTrainer trainer, StepOptions options, IReadOnlyList<TensorGradient>? gradients = null) =>
        Add(new SdkPeer(name, trainer, options, gradients));

    /// <summary>Lets something end with them, before what is there already.</summary>
    public T Own<T>(T owned)
        where T : IAsyncDisposable
    {
        _owned.Push(owned);
        return owned;
    }

    public async ValueTask DisposeAsync()
    {
        while (_owned.TryPop(out var owned))
        {
            await owned.DisposeAsync();
        }

        _folder.Dispose();
    }
}
