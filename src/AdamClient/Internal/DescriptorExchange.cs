using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Google.Protobuf;
using Microsoft.Win32.SafeHandles;

namespace Adam.Client.Internal;

/// <summary>Fetches the descriptors of shared memory over the service's Unix domain socket (<c>SCM_RIGHTS</c>).</summary>
internal static partial class DescriptorExchange
{
    // SOL_SOCKET, SCM_RIGHTS and MSG_CMSG_CLOEXEC of Linux.
    private const int SocketLevel = 1;
    private const int Rights = 1;
    private const int CloseOnExec = 0x40000000;
    private const int Interrupted = 4;
    private const int RefusalBytesMax = 1024;

    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(10);

    /// <summary>Exchanges a token.</summary>
    /// <param name="socketPath">The socket.</param>
    /// <param name="token">The token.</param>
    /// <param name="sessionUid">The session.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The descriptors, to be closed.</returns>
    /// <exception cref="IOException">Nobody is there, or the service refuses; says why.</exception>
    public static async Task<(SafeFileHandle Gradients, SafeFileHandle Weights)> RunAsync(
        string socketPath, ByteString token, ReadOnlyMemory<byte> sessionUid, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(AnswerMax);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), limit.Token);
            byte[] request = [.. token.Span, .. sessionUid.Span];
            await socket.SendAsync(request, limit.Token);

            // Waits without taking anything: what has come is then read together with its descriptors.
            await socket.ReceiveAsync(Memory<byte>.Empty, limit.Token);
            return Receive(socket);
        }
        catch (SocketException failure)
        {
            throw new IOException($"The descriptors of shared memory cannot be fetched at '{socketPath}': {failure.Message}", failure);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"The service did not hand out descriptors of shared memory at '{socketPath}' within {AnswerMax}.");
        }
    }

    private static unsafe (SafeFileHandle Gradients, SafeFileHandle Weights) Receive(Socket socket)
    {
        var text = stackalloc byte[RefusalBytesMax];
        var vector = new IoVector { Base = text, Length = RefusalBytesMax };
        TwoDescriptors control = default;
        var message = new MessageHeader
        {
            Vectors = &vector, VectorCount = 1, Control = &control, ControlLength = (nuint)sizeof(TwoDescriptors),
        };
        nint received;
        do
        {
            received = ReceiveMessage(socket.SafeHandle, &message, CloseOnExec);
        }
        while (received < 0 && Marshal.GetLastPInvokeError() == Interrupted);

        if (received < 0)
        {
            throw new IOException($"The descriptors of shared memory did not come: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}.");
        }

        var isWhole = message.ControlLength == (nuint)sizeof(TwoDescriptors) && control is { Level: SocketLevel, Type: Rights };
        if (received > 0 && text[0] == 0 && isWhole)
        {
            return (new SafeFileHandle(control.First, ownsHandle: true), new SafeFileHandle(control.Second, ownsHandle: true));
        }

        throw new IOException(received > 1 && text[0] == 1
            ? Encoding.UTF8.GetString(text + 1, (int)received - 1)
            : "The service closed the connection instead of handing out descriptors of shared memory.");
    }

    [LibraryImport("libc", EntryPoint = "recvmsg", SetLastError = true)]
    private static unsafe partial nint ReceiveMessage(SafeHandle socket, MessageHeader* message, int flags);

    // struct msghdr, struct iovec and struct cmsghdr of 64-bit Linux.
    [StructLayout(LayoutKind.Sequential)]
    private unsafe struct MessageHeader
    {
        public void* Name;
        public uint NameLength;
        public IoVector* Vectors;
        public nuint VectorCount;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
    }

    [StructLayout(LayoutKind.Sequential)]
    private unsafe struct IoVector
    {
        public void* Base;
        public nuint Length;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct TwoDescriptors
    {
        public nuint Length;
        public int Level;
        public int Type;
        public int First;
        public int Second;
    }
}
