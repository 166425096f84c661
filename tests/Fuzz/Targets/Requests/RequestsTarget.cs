using Adam.Engine;
using Adam.Fuzz.Mutation;
using Adam.Fuzz.Oracles;
using Adam.Fuzz.Randomness;
using Adam.Fuzz.Running;
using Adam.Service.Errors;
using Adam.Service.Threads;
using Adam.V1;
using Google.Protobuf;
using Grpc.Core;

namespace Adam.Fuzz.Targets.Requests;

/// <summary>
/// Whole calls to a service with one session. Input: an envelope; the kind of a message is its rpc, and messages of one kind in a row are one
/// stream. Each call must be answered, or refused with a status that blames the caller; in the end no memory may stay behind.
/// </summary>
internal sealed class RequestsTarget : FuzzTarget
{
    private const int MessagesMax = 12;

    private readonly EngineThreads _threads = new();
    private readonly StepThreads _stepThreads = new(1);
    private readonly MessageMutator _mutator = new(RequestWords.All);

    public override string Name => "requests";

    public override IReadOnlyList<string> Outcomes =>
    [
        "Answered", "Malformed", "Nothing", nameof(ErrorReason.InvalidField), nameof(ErrorReason.InvalidOptimizer), nameof(ErrorReason.TensorMismatch),
        nameof(ErrorReason.TensorIncomplete), nameof(ErrorReason.ProtocolViolation), nameof(ErrorReason.SessionNotFound), nameof(ErrorReason.SessionExists),
        nameof(ErrorReason.SequenceGap), nameof(ErrorReason.LimitExceeded), nameof(ErrorReason.NotImplemented), nameof(ErrorReason.UnknownFeature),
    ];

    public override IEnumerable<(string Name, byte[] Input)> MakeSeeds() => RequestSeeds.Make();

    public override byte[] MakeInput(IReadOnlyList<byte[]> seeds, Prng random)
    {
        if (random.OneIn(4))
        {
            return base.MakeInput(seeds, random);
        }

        // What is valid reaches the furthest: seeds put together, and one field or two of their messages changed.
        var messages = Envelope.Read(random.Pick(seeds), MessagesMax);
        if (random.OneIn(2))
        {
            messages.AddRange(Envelope.Read(random.Pick(seeds), MessagesMax));
        }

        for (var i = 0; i < messages.Count; i++)
        {
            if (random.OneIn(2) && Rpcs.Parse(messages[i].Kind, messages[i].Message) is { } message)
            {
                _mutator.Mutate(message, random);
                messages[i] = (messages[i].Kind, message.ToByteArray());
            }
        }

        var input = Envelope.Write(messages);
        return random.OneIn(10) ? ByteMutator.Mutate(input, random.Pick(seeds), random) : input;
    }

    public override string Run(byte[] input) => OneThread.Run(() => RunAsync(input));

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _threads.Dispose();
            _stepThreads.Dispose();
        }

        base.Dispose(disposing);
    }

    private async Task<string> RunAsync(byte[] input)
    {
        var service = new FuzzedService(_threads, _stepThreads);
        var outcome = "Nothing";
        await service.Sessions.CreateSession(FuzzedSession.Create(), new NoContext());
        var messages = Envelope.Read(input, MessagesMax);
        for (var i = 0; i < messages.Count;)
        {
            var kind = messages[i].Kind;
            var count = Rpcs.IsStream(kind) ? messages.Skip(i).TakeWhile(message => message.Kind == kind).Count() : 1;
            outcome = await CallAsync(service, kind, [.. messages.GetRange(i, count).Select(message => message.Message)]);
            i += count;
        }

        await service.EndAsync();
        return outcome;
    }

    private static async Task<string> CallAsync(FuzzedService service, byte kind, IReadOnlyList<byte[]> messages)
    {
        try
        {
            return await Rpcs.CallAsync(service, kind, messages) ? "Answered" : "Malformed";
        }
        catch (RpcException refused)
        {
            return StatusCheck.Of(refused);
        }
    }
}
