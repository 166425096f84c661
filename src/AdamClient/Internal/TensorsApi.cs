using Grpc.Core;

namespace Adam.Client.Internal;

/// <summary>Reading and writing of whole tensors.</summary>
internal sealed class TensorsApi(CallInvoker invoker)
{
    /// <summary>Reads one version.</summary>
    /// <returns>The header, which says what was read.</returns>
    public async Task<V1.ReadHeader> ReadAsync(
        V1.ReadTensorsRequest request, ReadDestinations destinations, CancellationToken cancellationToken)
    {
        using var call = invoker.AsyncServerStreamingCall(
            V1.TensorMethods.ReadTensors, host: null, CallPolicy.Streaming(cancellationToken), request);
        try
        {
            V1.ReadHeader? header = null;
            while (await call.ResponseStream.MoveNext(CancellationToken.None))
            {
                var message = call.ResponseStream.Current;
                if (message.Header is { } first)
                {
                    header = first;
                }
                else if (message.Chunk is { } chunk)
                {
                    destinations.Put(chunk);
                }
            }

            if (header is null)
            {
                throw ErrorTranslator.BrokenContract("The service ended a read without a header.");
            }

            if (!header.Unchanged)
            {
                destinations.Finish();
            }

            return header;
        }
        catch (RpcException failure)
        {
            throw ErrorTranslator.Translate(failure, cancellationToken);
        }
    }

    /// <summary>Overwrites slots, all or nothing.</summary>
    public async Task<WriteResult> WriteAsync(
        SessionRef session,
        IReadOnlyList<TensorWrite> writes,
        WriteOptions options,
        ulong chunkBytesMax,
        CancellationToken cancellationToken)
    {
        using var call = invoker.AsyncClientStreamingCall(V1.TensorMethods.WriteTensors, host: null, CallPolicy.Streaming(cancellationToken));
        Exception? refusedWrite = null;
        try
        {
            foreach (var message in Messages(session, writes, options, chunkBytesMax))
            {
                await call.RequestStream.WriteAsync(message, CancellationToken.None);
            }

            await call.RequestStream.CompleteAsync();
        }
        catch (Exception refused) when (refused is RpcException or InvalidOperationException)
        {
            // The service ended the call early; its answer says why.
            refusedWrite = refused;
        }

        try
        {
            var answer = await call.ResponseAsync;
            return refusedWrite is null
                ? new WriteResult(answer.Version, SessionMapping.FromWire(answer.State))
                : throw ErrorTranslator.BrokenContract("The service answered a write before it was committed.");
        }
        catch (RpcException failure)
        {
            throw ErrorTranslator.Translate(failure, cancellationToken);
        }
    }

    private static IEnumerable<V1.WriteTensorsRequest> Messages(
        SessionRef session,
        IReadOnlyList<TensorWrite> writes,
        WriteOptions options,
        ulong chunkBytesMax)
    {
        var begin = new V1.WriteBegin { Session = SessionMapping.ToWire(session) };
        if (options.IfVersion is { } version)
        {
            begin.IfVersion = version;
        }

        yield return new V1.WriteTensorsRequest { Begin = begin };
        foreach (var write in writes)
        {
            foreach (var chunk in TensorChunks.Cut(write.TensorIndex, write.Values, StepMapping.ToWire(write.Slot), chunkBytesMax))
            {
                yield return new V1.WriteTensorsRequest { Chunk = chunk };
            }
        }

        var commit = new V1.WriteCommit();
        if (options.Iterations is { } iterations)
        {
            commit.Iterations = iterations;
        }

        foreach (var (group, count) in options.GroupIterations)
        {
            commit.GroupIterations.Add((uint)group, count);
        }

        if (options.LossScale is { } scale)
        {
            commit.LossScale = SessionMapping.ToWire(scale);
        }

        yield return new V1.WriteTensorsRequest { Commit = commit };
    }
}
