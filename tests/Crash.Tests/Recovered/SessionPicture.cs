using Adam.Service.Durability;
using Adam.Service.Sessions;
using Adam.V1;
using Stored = Adam.Storage.V1;

namespace Adam.Crash.Tests.Recovered;

/// <summary>Everything that a session is, bit by bit, without what tells two sessions of one past apart.</summary>
/// <param name="Generation">Its generation.</param>
/// <param name="State">Its state, without its arrays.</param>
/// <param name="Arrays">The bytes of its arrays, by their names in files.</param>
internal sealed record SessionPicture(ulong Generation, Stored.SessionState State, IReadOnlyDictionary<string, byte[]> Arrays)
{
    /// <summary>How many batches are in it.</summary>
    public int Batches => State.Workers.Count == 0 ? 0 : (int)State.Workers[0].NextSequence - 1;

    /// <summary>Takes it, in the session's queue.</summary>
    public static Task<SessionPicture> OfAsync(SessionActor session) => session.RunAsync(
        core => new SessionPicture(
            session.Generation,
            WithoutIdentity(SessionRecord.WriteMoment(session, core)),
            SessionArrays.Of(session.Definition).ToDictionary(
                static array => array.Name, array => core.Optimizer.Slot(array.Tensor, array.Slot).Bytes(0, (int)array.ElementCount).ToArray())),
        CancellationToken.None);

    /// <summary>A record without what tells two sessions of one past apart.</summary>
    public static Stored.SessionState WithoutIdentity(Stored.SessionState state)
    {
        var bare = state.Clone();
        bare.SessionUid = Google.Protobuf.ByteString.Empty;
        bare.CreateTime = null;
        bare.Definition = null;
        bare.Lineage = null;
        (bare.Generation, bare.LogSequence) = (0, 0);
        bare.Arrays.Clear();
        foreach (var worker in bare.Workers)
        {
            for (var i = 0; i < worker.Results.Count; i++)
            {
                var result = BatchResult.Parser.ParseFrom(worker.Results[i]);
                (result.Generation, result.DurableVersion) = (0, 0);
                worker.Results[i] = Google.Protobuf.MessageExtensions.ToByteString(result);
            }
        }

        return bare;
    }

    /// <summary>Says what differs; empty if nothing does.</summary>
    public string DifferenceFrom(SessionPicture expected)
    {
        if (!State.Equals(expected.State))
        {
            return $"the state is {State}, expected {expected.State}";
        }

        foreach (var (name, bytes) in expected.Arrays)
        {
            if (!Arrays.TryGetValue(name, out var own) || !bytes.AsSpan().SequenceEqual(own))
            {
                return $"'{name}' differs";
            }
        }

        return Arrays.Count == expected.Arrays.Count ? "" : "there are more arrays";
    }
}
