using Adam.Fuzz.Mutation;
using Adam.Fuzz.Oracles;
using Adam.Fuzz.Randomness;
using Adam.V1;
using Google.Protobuf;
using Grpc.AspNetCore.Reflection.Internal;
using Grpc.Core;
using Grpc.Reflection.V1;

namespace Adam.Fuzz.Targets.Messages;

/// <summary>
/// Questions to the reflection service. Input: an envelope of requests, one stream. Each is answered with what was asked, with the request
/// itself, or with an error that is a status; and no file is sent twice as a dependency.
/// </summary>
internal sealed class ReflectionTarget : FuzzTarget
{
    private const int RequestsMax = 8;

    private static readonly string[] Words =
    [
        "", ".", "adam.v1.Sessions", "adam.v1.Training.Train", "adam.v1.TensorSpec", "adam.v1.TensorSpec.name", "adam.v1.DTYPE_FLOAT32", "adam/v1/types.proto",
        "adam/v1/training.proto", "google/protobuf/descriptor.proto", "google/rpc/status.proto", "google.protobuf.MessageOptions", "localhost",
    ];

    private readonly DescriptorIndex _index = new([Sessions.Descriptor, Training.Descriptor, Checkpoints.Descriptor, ServerReflection.Descriptor]);
    private readonly MessageMutator _mutator = new(Words);

    public override string Name => "reflection";

    public override IReadOnlyList<string> Outcomes => ["Answered", "Error", "Malformed"];

    public override IEnumerable<(string Name, byte[] Input)> MakeSeeds() =>
    [
        ("list", Input(new ServerReflectionRequest { ListServices = "*" })),
        ("file", Input(new ServerReflectionRequest { Host = "localhost", FileByFilename = "adam/v1/training.proto" })),
        ("file-twice", Input(
            new ServerReflectionRequest { FileByFilename = "adam/v1/training.proto" }, new ServerReflectionRequest { FileContainingSymbol = "adam.v1.Sessions" })),
        ("symbol", Input(new ServerReflectionRequest { FileContainingSymbol = "adam.v1.TensorSpec.name" })),
        ("extension", Input(new ServerReflectionRequest
        {
            FileContainingExtension = new ExtensionRequest { ContainingType = "google.protobuf.MessageOptions", ExtensionNumber = 1 },
        })),
        ("extension-numbers", Input(new ServerReflectionRequest { AllExtensionNumbersOfType = "adam.v1.TensorSpec" })),
        ("nothing", Input(new ServerReflectionRequest())),
    ];

    public override byte[] MakeInput(IReadOnlyList<byte[]> seeds, Prng random)
    {
        if (random.OneIn(3))
        {
            return base.MakeInput(seeds, random);
        }

        var requests = new List<ServerReflectionRequest>();
        for (var left = random.Between(1, 4); left > 0; left--)
        {
            var request = new ServerReflectionRequest();
            _mutator.Fill(request, random);
            requests.Add(request);
        }

        var input = Input([.. requests]);
        return random.OneIn(4) ? ByteMutator.Mutate(input, random.Pick(seeds), random) : input;
    }

    public override string Run(byte[] input)
    {
        var session = new ReflectionSession(_index);
        var sent = new HashSet<ByteString>();
        var outcome = "Malformed";
        foreach (var (_, bytes) in Envelope.Read(input, RequestsMax))
        {
            if (Envelope.Parse(ServerReflectionRequest.Parser, bytes) is not { } request)
            {
                return outcome;
            }

            var response = session.Answer(request);
            OracleException.ThrowUnless(response.OriginalRequest.Equals(request), "The answer repeats another request.");
            OracleException.ThrowUnless(
                ServerReflectionResponse.Parser.ParseFrom(response.ToByteArray()).Equals(response), "The answer cannot be read.");
            outcome = Check(request, response, sent);
        }

        return outcome;
    }

    private static string Check(ServerReflectionRequest request, ServerReflectionResponse response, HashSet<ByteString> sent)
    {
        switch (response.MessageResponseCase)
        {
            case ServerReflectionResponse.MessageResponseOneofCase.ErrorResponse:
                var code = (StatusCode)response.ErrorResponse.ErrorCode;
                OracleException.ThrowUnless(
                    code == (request.MessageRequestCase == ServerReflectionRequest.MessageRequestOneofCase.None ? StatusCode.InvalidArgument : StatusCode.NotFound),
                    $"An error of code {code}.");
                return "Error";
            case ServerReflectionResponse.MessageResponseOneofCase.FileDescriptorResponse:
                var files = response.FileDescriptorResponse.FileDescriptorProto;
                OracleException.ThrowUnless(files.Count > 0, "An answer without files.");
                OracleException.ThrowUnless(files.Skip(1).All(sent.Add), "A dependency is sent twice.");
                sent.Add(files[0]);
                return "Answered";
            case ServerReflectionResponse.MessageResponseOneofCase.None:
                throw new OracleException("No answer.");
            default:
                return "Answered";
        }
    }

    private static byte[] Input(params IReadOnlyList<ServerReflectionRequest> requests) =>
        Envelope.Write(requests.Select(request => ((byte)0, request.ToByteArray())));
}
