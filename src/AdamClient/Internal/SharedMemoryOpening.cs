using System.Globalization;
using Grpc.Core;
using Microsoft.Win32.SafeHandles;

namespace Adam.Client.Internal;

/// <summary>Opens the shared memory of a worker: asks the service for it, fetches the descriptors, maps them.</summary>
internal sealed class SharedMemoryOpening(CallInvoker invoker, CallPolicy policy)
{
    public async Task<SharedTensors> RunAsync(OptimizerSession session, string? socketPath, CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException("Memory is shared with a service on Linux only.");
        }

        var request = new V1.OpenSharedMemoryRequest
        {
            Session = SessionMapping.ToWire(session.Reference), WorkerId = session.WorkerId, WorkerEpoch = session.WorkerEpoch,
        };
        var call = new V1.Training.TrainingClient(invoker).OpenSharedMemoryAsync(request, policy.Unary(cancellationToken));
        var opened = await CallPolicy.RunAsync(call, cancellationToken);
        var path = socketPath ?? opened.SocketPath;
        var (gradients, weights) = path.Length > 0
            ? await DescriptorExchange.RunAsync(path, opened.Token, session.Reference.Uid, cancellationToken)
            : (Open(opened.Gradients, FileAccess.ReadWrite), Open(opened.Weights, FileAccess.Read));
        using (gradients)
        using (weights)
        {
            return Map(session, opened, gradients, weights);
        }
    }

    private static SharedTensors Map(
        OptimizerSession session, V1.OpenSharedMemoryResponse opened, SafeFileHandle gradients, SafeFileHandle weights)
    {
        SharedMapping? writable = null;
        SharedMapping? readable = null;
        try
        {
            writable = new SharedMapping(gradients, opened.Gradients.Bytes, writable: true);
            readable = new SharedMapping(weights, opened.Weights.Bytes, writable: false);
            var result = new SharedTensors(
                session, writable, readable, Tensors(opened.Gradients, writable), Tensors(opened.Weights, readable));
            (writable, readable) = (null, null);
            return result;
        }
        finally
        {
            writable?.Dispose();
            readable?.Dispose();
        }
    }

    private static SafeFileHandle Open(V1.SharedRegion region, FileAccess access)
    {
        try
        {
            return File.OpenHandle(region.DescriptorPath, FileMode.Open, access, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new IOException(
                $"The service has no socket that hands out descriptors (SharedMemory:SocketPath), and '{region.DescriptorPath}' cannot be opened: that needs the same "
                + $"user and the same /proc as the service. {refused.Message}",
                refused);
        }
    }

    private static TensorMemory[] Tensors(V1.SharedRegion region, SharedMapping mapping) =>
        [.. region.Tensors.Select(tensor => Tensor(tensor, mapping))];

    private static TensorMemory Tensor(V1.SharedTensor tensor, SharedMapping mapping)
    {
        var dtype = ElementTypes.FromWire(tensor.Dtype);
        var length = tensor.Bytes / (ulong)ElementTypes.Bytes(dtype);
        if (tensor.Offset > mapping.Bytes || tensor.Bytes > mapping.Bytes - tensor.Offset || length > int.MaxValue)
        {
            throw ErrorTranslator.BrokenContract(string.Create(
                CultureInfo.InvariantCulture,
                $"Tensor {tensor.TensorIndex} of {tensor.Bytes} bytes at {tensor.Offset} does not lie in {mapping.Bytes} bytes of shared memory, or has more elements than this SDK can show."));
        }

        return dtype switch
        {
            TensorDType.Float32 => TensorMemory.Float32(new SharedElements<float>(mapping, (long)tensor.Offset, (int)length).Memory),
            TensorDType.Float16 => TensorMemory.Float16(new SharedElements<Half>(mapping, (long)tensor.Offset, (int)length).Memory),
            TensorDType.BFloat16 => TensorMemory.BFloat16(new SharedElements<ushort>(mapping, (long)tensor.Offset, (int)length).Memory),
            _ => throw ErrorTranslator.BrokenContract($"Tensor {tensor.TensorIndex} in shared memory is of a type that this SDK does not know: {tensor.Dtype}."),
        };
    }
}
