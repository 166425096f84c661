using Adam.V1;
using Google.Protobuf;

namespace Adam.Fuzz.Targets;

/// <summary>The session that batches are sent to: every role, type and odd shape, in two groups.</summary>
internal static class FuzzedSession
{
    /// <summary>Its id.</summary>
    public const string Id = "fuzz";

    /// <summary>A worker of it.</summary>
    public const string Worker = "w";

    /// <summary>The largest chunk, which the limits of the services here allow too.</summary>
    public const int ChunkBytesMax = 4096;

    /// <summary>The request that makes it, all weights included.</summary>
    public static CreateSessionRequest Create()
    {
        var request = new CreateSessionRequest
        {
            SessionId = Id,
            Optimizer = new OptimizerConfig
            {
                Groups = { new AdamConfig { UseEma = true, Amsgrad = true, WeightDecay = 0.01 }, new AdamConfig { LearningRate = new LearningRate { Value = 0.1 } } },
            },
            Tensors =
            {
                new TensorSpec { Name = "dense/kernel", Shape = { 4, 3 } },
                new TensorSpec { Name = "dense/bias", Shape = { 5 }, Dtype = DType.Float16, Group = 1 },
                new TensorSpec { Name = "scalar" },
                new TensorSpec { Name = "empty", Shape = { 0, 7 } },
                new TensorSpec { Name = "frozen", Shape = { 2 }, Role = TensorRole.Frozen },
                new TensorSpec { Name = "buffer", Shape = { 3 }, Role = TensorRole.Buffer },
                new TensorSpec { Name = "large", Shape = { 1100 }, GradientDtype = DType.Float16, Constraint = new Constraint { NonNeg = new NonNegConstraint() } },
            },
        };
        foreach (var (index, tensor) in request.Tensors.Index())
        {
            var elements = (int)tensor.Shape.Aggregate(1L, (product, dimension) => product * dimension);
            request.InitialValues.Add(new TensorData
            {
                TensorIndex = (uint)index,
                Data = ByteString.CopyFrom(new byte[elements * (tensor.Dtype == DType.Float16 ? 2 : 4)]),
            });
        }

        return request;
    }
}
