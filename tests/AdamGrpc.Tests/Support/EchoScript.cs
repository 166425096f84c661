using AdamGrpc.Tests.Wire;
using Grpc.Core;

namespace AdamGrpc.Tests.Support;

/// <summary>What the echo service does. A test replaces the shapes it is about.</summary>
public sealed class EchoScript
{
    public UnaryServerMethod<EchoMessage, EchoMessage> Unary { get; set; } = (request, _) => Task.FromResult(request);

    public ClientStreamingServerMethod<EchoMessage, EchoMessage> ClientStream { get; set; } = async (requests, _) =>
    {
        EchoMessage joined = new();
        await foreach (EchoMessage request in requests.ReadAllAsync())
        {
            joined.Text += request.Text;
        }

        return joined;
    };

    public ServerStreamingServerMethod<EchoMessage, EchoMessage> ServerStream { get; set; } = async (request, responses, _) =>
    {
        foreach (char character in request.Text)
        {
            await responses.WriteAsync(new EchoMessage { Text = character.ToString() });
        }
    };

    public DuplexStreamingServerMethod<EchoMessage, EchoMessage> Duplex { get; set; } = async (requests, responses, _) =>
    {
        await foreach (EchoMessage request in requests.ReadAllAsync())
        {
            await responses.WriteAsync(request);
        }
    };
}
