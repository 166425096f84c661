using Adam.Service.Errors;
using Adam.V1;
using Grpc.Core;

namespace Adam.Service.ControlPlane;

/// <summary>The rpc surface of <c>adam.v1.Checkpoints</c>, which this build refuses.</summary>
internal sealed class CheckpointsService : Checkpoints.CheckpointsBase
{
    private const string Instead = "Read the slots with ReadTensors, and write them back with WriteTensors.";

    public override Task<SaveCheckpointResponse> SaveCheckpoint(SaveCheckpointRequest request, ServerCallContext context) =>
        throw NotImplemented.Rpc("SaveCheckpoint", Instead);

    public override Task<ListCheckpointsResponse> ListCheckpoints(ListCheckpointsRequest request, ServerCallContext context) =>
        throw NotImplemented.Rpc("ListCheckpoints", Instead);

    public override Task<RestoreCheckpointResponse> RestoreCheckpoint(RestoreCheckpointRequest request, ServerCallContext context) =>
        throw NotImplemented.Rpc("RestoreCheckpoint", Instead);

    public override Task<VerifyCheckpointResponse> VerifyCheckpoint(VerifyCheckpointRequest request, ServerCallContext context) =>
        throw NotImplemented.Rpc("VerifyCheckpoint", Instead);

    public override Task<DeleteCheckpointResponse> DeleteCheckpoint(DeleteCheckpointRequest request, ServerCallContext context) =>
        throw NotImplemented.Rpc("DeleteCheckpoint", Instead);

    public override Task ExportSession(
        ExportSessionRequest request, IServerStreamWriter<ExportSessionResponse> responseStream, ServerCallContext context) =>
        throw NotImplemented.Rpc("ExportSession", Instead);

    public override Task<ImportSessionResponse> ImportSession(
        IAsyncStreamReader<ImportSessionRequest> requestStream, ServerCallContext context) =>
        throw NotImplemented.Rpc("ImportSession", Instead);
}
