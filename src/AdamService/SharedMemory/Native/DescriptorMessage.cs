using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Adam.Service.SharedMemory.Native;

/// <summary>Passes descriptors to another process over a Unix domain socket (<c>SCM_RIGHTS</c>).</summary>
internal static unsafe class DescriptorMessage
{
    // SOL_SOCKET, SCM_RIGHTS and MSG_NOSIGNAL | MSG_DONTWAIT.
    private const int SocketLevel = 1;
    private const int Rights = 1;
    private const int QuietAndAtOnce = 0x4000 | 0x40;

    /// <summary>Sends one byte and two descriptors. A socket on which nothing was sent yet has room for them.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="value">The byte.</param>
    /// <param name="first">One descriptor, as the other side gets it.</param>
    /// <param name="second">The other.</param>
    /// <exception cref="IOException">They were not sent; says why.</exception>
    /// <exception cref="ObjectDisposedException">A descriptor was closed.</exception>
    public static void Send(Socket socket, byte value, SafeFileHandle first, SafeFileHandle second)
    {
        bool holdsFirst = false, holdsSecond = false;
        try
        {
            first.DangerousAddRef(ref holdsFirst);
            second.DangerousAddRef(ref holdsSecond);
            var vector = new Libc.IoVector { Base = &value, Length = 1 };
            var control = new Libc.TwoDescriptors
            {
                Length = (nuint)sizeof(Libc.TwoDescriptors),
                Level = SocketLevel,
                Type = Rights,
                First = (int)first.DangerousGetHandle(),
                Second = (int)second.DangerousGetHandle(),
            };
            var message = new Libc.MessageHeader
            {
                Vectors = &vector, VectorCount = 1, Control = &control, ControlLength = (nuint)sizeof(Libc.TwoDescriptors),
            };
            nint sent;
            do
            {
                sent = Libc.SendMessage(socket.SafeHandle, &message, QuietAndAtOnce);
            }
            while (sent < 0 && Marshal.GetLastPInvokeError() == Libc.Interrupted);

            if (sent != 1)
            {
                throw Libc.Failure("The descriptors were not sent");
            }
        }
        finally
        {
            Release(first, holdsFirst);
            Release(second, holdsSecond);
        }
    }

    private static void Release(SafeFileHandle file, bool isHeld)
    {
        if (isHeld)
        {
            file.DangerousRelease();
        }
    }
}
