using Adam.Client.Internal;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;

namespace Adam.Client.Tests.Errors;

public sealed class ErrorTranslatorTests
{
    public static TheoryData<string, System.Type> TypedReasons => new()
    {
        { "SESSION_NOT_FOUND", typeof(SessionNotFoundException) },
        { "SESSION_REPLACED", typeof(SessionNotFoundException) },
        { "SESSION_EXISTS", typeof(SessionExistsException) },
        { "SESSION_DELETED", typeof(SessionDeletedException) },
        { "NOT_INITIALIZED", typeof(SessionNotInitializedException) },
        { "GENERATION_CHANGED", typeof(GenerationChangedException) },
        { "WORKER_FENCED", typeof(WorkerFencedException) },
        { "WORKER_BUSY", typeof(WorkerBusyException) },
        { "SEQUENCE_GAP", typeof(SequenceGapException) },
        { "INVALID_OPTIMIZER", typeof(InvalidOptimizerException) },
        { "TENSOR_MISMATCH", typeof(TensorMismatchException) },
        { "TENSOR_INCOMPLETE", typeof(TensorMismatchException) },
        { "SCHEDULE_ACTIVE", typeof(ScheduleActiveException) },
        { "LIMIT_EXCEEDED", typeof(LimitExceededException) },
        { "CHECKPOINT_NOT_FOUND", typeof(CheckpointNotFoundException) },
        { "CHECKPOINT_EXISTS", typeof(CheckpointExistsException) },
        { "CHECKPOINT_MISMATCH", typeof(CheckpointMismatchException) },
        { "CHECKPOINT_DAMAGED", typeof(CheckpointDamagedException) },
        { "STORAGE_FULL", typeof(StorageException) },
        { "STORAGE_FAILED", typeof(StorageException) },
        { "STORAGE_OFF", typeof(StorageException) },
        { "INVALID_FIELD", typeof(AdamException) },
        { "A_REASON_OF_TOMORROW", typeof(AdamException) },
    };

    [Fact]
    public void Parse_EveryReasonOfTheContract_IsKnown()
    {
        var names = V1.ErrorsReflection.Descriptor.EnumTypes.Single(type => type.Name == "ErrorReason").Values
            .Where(value => value.Number != 0)
            .Select(value => value.Name["ERROR_REASON_".Length..])
            .ToList();

        Assert.All(names, name => Assert.NotEqual(AdamErrorReason.Unknown, ErrorReasonNames.Parse(name)));
        Assert.Equal(names.Count, names.Select(ErrorReasonNames.Parse).Distinct().Count());
        Assert.Equal(System.Enum.GetValues<AdamErrorReason>().Length, names.Count + 1);
    }

    [Theory]
    [MemberData(nameof(TypedReasons))]
    public void Translate_Trailer_GivesTheTypeOfTheReason(string reason, System.Type type)
    {
        var exception = ErrorTranslator.Translate(Failure(StatusCode.Aborted, reason), CancellationToken.None);

        var adam = Assert.IsAssignableFrom<AdamException>(exception);
        Assert.IsType(type, exception);
        Assert.Equal(reason, adam.ReasonText);
        Assert.Equal(StatusCode.Aborted, adam.StatusCode);
        Assert.Equal("what went wrong", adam.Message);
    }

    [Fact]
    public void Translate_EveryReason_HasAnException()
    {
        var reasons = V1.ErrorsReflection.Descriptor.EnumTypes.Single(type => type.Name == "ErrorReason").Values;

        Assert.All(reasons, reason => Assert.IsAssignableFrom<AdamException>(
            ErrorTranslator.Translate(Failure(StatusCode.Unknown, reason.Name["ERROR_REASON_".Length..]), CancellationToken.None)));
    }

    [Fact]
    public void Translate_Metadata_FillsTypedProperties()
    {
        var gap = ErrorTranslator.Translate(Failure(StatusCode.OutOfRange, "SEQUENCE_GAP", ("expected_sequence", "7")), default);
        var changed = ErrorTranslator.Translate(
            Failure(StatusCode.Aborted, "GENERATION_CHANGED", ("generation", "3"), ("version", "18446744073709551615")), default);
        var optimizer = ErrorTranslator.Translate(Failure(StatusCode.InvalidArgument, "INVALID_OPTIMIZER", ("fields", "a,b")), default);
        var limit = ErrorTranslator.Translate(Failure(StatusCode.ResourceExhausted, "LIMIT_EXCEEDED", ("option", "Limits:X")), default);

        Assert.Equal(7UL, Assert.IsType<SequenceGapException>(gap).ExpectedSequence);
        Assert.Equal(3UL, Assert.IsType<GenerationChangedException>(changed).Generation);
        Assert.Equal(ulong.MaxValue, ((GenerationChangedException)changed).Version);
        Assert.Equal(["a", "b"], Assert.IsType<InvalidOptimizerException>(optimizer).Fields);
        Assert.Equal("Limits:X", Assert.IsType<LimitExceededException>(limit).Option);
        Assert.Null(((LimitExceededException)limit).Limit);
    }

    [Fact]
    public void Translate_NoDetails_KeepsTheStatus()
    {
        var failure = new RpcException(new Grpc.Core.Status(StatusCode.Unavailable, "nobody there"));

        var exception = Assert.IsType<AdamException>(ErrorTranslator.Translate(failure, CancellationToken.None));

        Assert.Equal(AdamErrorReason.Unknown, exception.Reason);
        Assert.Equal("nobody there", exception.Message);
        Assert.Same(failure, exception.InnerException);
        Assert.True(exception.IsTransient);
    }

    [Fact]
    public void Translate_DetailsThatAreNotAStatus_KeepsTheStatus()
    {
        var trailers = new Metadata { { "grpc-status-details-bin", new byte[] { 0xFF, 0xFF, 0xFF } } };
        var failure = new RpcException(new Grpc.Core.Status(StatusCode.Internal, "a proxy's words"), trailers);

        var exception = Assert.IsType<AdamException>(ErrorTranslator.Translate(failure, CancellationToken.None));

        Assert.Equal("a proxy's words", exception.Message);
        Assert.False(exception.IsTransient);
    }

    [Fact]
    public async Task Translate_CancelledByTheCaller_IsACancellation()
    {
        using var source = new CancellationTokenSource();
        await source.CancelAsync();
        var failure = new RpcException(new Grpc.Core.Status(StatusCode.Cancelled, "cancelled"));

        var mine = ErrorTranslator.Translate(failure, source.Token);
        var theirs = ErrorTranslator.Translate(failure, CancellationToken.None);

        Assert.Equal(source.Token, Assert.IsType<OperationCanceledException>(mine).CancellationToken);
        Assert.Equal(StatusCode.Cancelled, Assert.IsType<AdamException>(theirs).StatusCode);
    }

    private static RpcException Failure(StatusCode code, string reason, params (string Key, string Value)[] metadata)
    {
        var info = new ErrorInfo { Reason = reason, Domain = "adam.v1" };
        foreach (var (key, value) in metadata)
        {
            info.Metadata[key] = value;
        }

        var status = new Google.Rpc.Status { Code = (int)code, Message = "what went wrong", Details = { Any.Pack(info) } };
        var trailers = new Metadata { { "grpc-status-details-bin", status.ToByteArray() } };
        return new RpcException(new Grpc.Core.Status(code, "what went wrong"), trailers);
    }
}
