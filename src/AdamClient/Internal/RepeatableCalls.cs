using Grpc.Core;
using Grpc.Net.Client.Configuration;

namespace Adam.Client.Internal;

/// <summary>
/// Which calls are made again while the service is unavailable: those that may be made twice. Getting, listing, estimating, reading, verifying and exporting
/// change nothing; an export that has begun is not made again. Making a session again gives the one that was made, since it always has an id. Saving a
/// checkpoint again gives the same one, or says that the id has one. Left out: importing, forking and restoring, which would find their own result in the way or put back
/// what was trained in between; deleting, because the second attempt would find
/// no session, or one that somebody made meanwhile; updating and finalizing, because somebody may have changed or trained the session in
/// between; writing and training, which are streams: an open session finds out by itself what was applied. A unary step may be made twice because its batch
/// has a number.
/// </summary>
internal static class RepeatableCalls
{
    /// <summary>How many bytes of one request are kept so that it can be sent again: the largest that makes a session, and some.</summary>
    public const long RequestBytesMax = 5 * 1024 * 1024;

    private const double PauseMultiplier = 3;

    private static readonly TimeSpan FirstPauseMax = TimeSpan.FromSeconds(0.2);
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(5);

    /// <summary>The configuration of the channel.</summary>
    /// <param name="attempts">How often a call is tried.</param>
    /// <returns>Null when nothing is tried again.</returns>
    public static ServiceConfig? Configure(int attempts)
    {
        if (attempts < 2)
        {
            return null;
        }

        var sessions = V1.Sessions.Descriptor;
        var training = V1.Training.Descriptor;
        var checkpoints = V1.Checkpoints.Descriptor;
        return new ServiceConfig
        {
            MethodConfigs =
            {
                new MethodConfig
                {
                    Names =
                    {
                        Name(sessions, "CreateSession"),
                        Name(sessions, "EstimateSession"),
                        Name(sessions, "GetSession"),
                        Name(sessions, "ListSessions"),
                        Name(training, "ReadTensors"),
                        Name(training, "GetBatchResult"),
                        Name(training, "Step"),
                        Name(checkpoints, "SaveCheckpoint"),
                        Name(checkpoints, "ListCheckpoints"),
                        Name(checkpoints, "VerifyCheckpoint"),
                        Name(checkpoints, "ExportSession"),
                    },
                    RetryPolicy = new RetryPolicy
                    {
                        MaxAttempts = attempts,
                        InitialBackoff = FirstPauseMax,
                        MaxBackoff = PauseMax,
                        BackoffMultiplier = PauseMultiplier,
                        RetryableStatusCodes = { StatusCode.Unavailable },
                    },
                },
            },
        };
    }

    // A name that the contract does not have would configure nothing, in silence.
    private static MethodName Name(Google.Protobuf.Reflection.ServiceDescriptor service, string method) => new()
    {
        Service = service.FullName,
        Method = service.FindMethodByName(method)?.Name ?? throw new ArgumentException($"{service.FullName} has no {method}."),
    };
}
