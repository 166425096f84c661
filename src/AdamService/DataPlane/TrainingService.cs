using Adam.Service.Connections;
using Adam.Service.Errors;
using Adam.Service.Sessions;
using Adam.V1;
using Grpc.Core;

namespace Adam.Service.DataPlane;

/// <summary>The rpc surface of <c>adam.v1.Training</c>; calls of more than a few lines have classes of their own.</summary>
[BindServiceMethod(typeof(TensorMethods), nameof(TensorMethods.Bind))]
internal sealed class TrainingService(
    SessionRegistry sessions,
    TrainCall train,
    StepCall step,
    OpenBatchCalls openBatches,
    ReadTensorsCall readTensors,
    WriteTensorsCall writeTensors,
    OpenSharedMemoryCall openSharedMemory,
    ServiceStop stop)
    : Training.TrainingBase
{
    public override Task Train(
        IAsyncStreamReader<TrainRequest> requestStream, IServerStreamWriter<TrainResponse> responseStream, ServerCallContext context) =>
        CallBoundary.RunAsync(() => train.RunAsync(requestStream, responseStream, CallPatience.Of(context), context.CancellationToken));

    public override Task<StepResponse> Step(StepRequest request, ServerCallContext context) =>
        CallBoundary.RunAsync(() => stop.RunAsync(either => step.RunAsync(request, either), context.CancellationToken));

    public override Task<GetBatchResultResponse> GetBatchResult(GetBatchResultRequest request, ServerCallContext context) =>
        CallBoundary.RunAsync(async () =>
        {
            var session = sessions.Get(request.Session);
            WorkerId.ThrowIfInvalid(request.WorkerId, "worker_id");
            if (request.Sequence == 0)
            {
                throw new ServiceException(ErrorReason.InvalidField, "sequence: batches are numbered from 1.", ("fields", "sequence"));
            }

            return new GetBatchResultResponse
            {
                Result = await session.RunAsync(
                    core => BatchStep.FindResult(session, core.Workers.Find(request.WorkerId), request.WorkerId, request.Sequence),
                    context.CancellationToken),
            };
        });

    public override Task ReadTensors(
        ReadTensorsRequest request, IServerStreamWriter<ReadTensorsResponse> responseStream, ServerCallContext context) =>
        CallBoundary.RunAsync(() => stop.RunAsync(either => readTensors.RunAsync(request, responseStream, either), context.CancellationToken));

    public override Task<WriteTensorsResponse> WriteTensors(IAsyncStreamReader<WriteTensorsRequest> requestStream, ServerCallContext context) =>
        CallBoundary.RunAsync(() => stop.RunAsync(either => writeTensors.RunAsync(requestStream, either), context.CancellationToken));

    public override Task<BeginBatchResponse> BeginBatch(BeginBatchRequest request, ServerCallContext context) =>
        CallBoundary.RunAsync(() => stop.RunAsync(either => openBatches.BeginAsync(request, either), context.CancellationToken));

    public override Task<StageChunksResponse> StageChunks(StageChunksRequest request, ServerCallContext context) =>
        CallBoundary.RunAsync(() => Task.FromResult(openBatches.Stage(request)));

    public override Task<CommitBatchResponse> CommitBatch(CommitBatchRequest request, ServerCallContext context) =>
        CallBoundary.RunAsync(() => stop.RunAsync(either => openBatches.CommitAsync(request, either), context.CancellationToken));

    public override Task<OpenSharedMemoryResponse> OpenSharedMemory(OpenSharedMemoryRequest request, ServerCallContext context) =>
        CallBoundary.RunAsync(() => stop.RunAsync(either => openSharedMemory.RunAsync(request, either), context.CancellationToken));
}
