using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Reflection.V1;

namespace Grpc.AspNetCore.Reflection.Internal;

/// <summary>Answers the questions of one stream, and remembers which files it has sent as dependencies.</summary>
internal sealed class ReflectionSession(DescriptorIndex index)
{
    private readonly HashSet<string> _sentFiles = new(StringComparer.Ordinal);

    public ServerReflectionResponse Answer(ServerReflectionRequest request)
    {
        ServerReflectionResponse response = new() { ValidHost = request.Host, OriginalRequest = request };
        switch (request.MessageRequestCase)
        {
            case ServerReflectionRequest.MessageRequestOneofCase.ListServices:
                response.ListServicesResponse = new ListServiceResponse
                {
                    Service = { index.ServiceNames.Select(name => new ServiceResponse { Name = name }) },
                };
                break;
            case ServerReflectionRequest.MessageRequestOneofCase.FileByFilename:
                AnswerWithFile(response, index.FindFile(request.FileByFilename), $"No file '{request.FileByFilename}'.");
                break;
            case ServerReflectionRequest.MessageRequestOneofCase.FileContainingSymbol:
                AnswerWithFile(response, index.FindSymbol(request.FileContainingSymbol), $"No symbol '{request.FileContainingSymbol}'.");
                break;
            case ServerReflectionRequest.MessageRequestOneofCase.FileContainingExtension:
                ExtensionRequest extension = request.FileContainingExtension;
                AnswerWithFile(
                    response,
                    index.FindExtension(extension.ContainingType, extension.ExtensionNumber),
                    $"No extension {extension.ExtensionNumber} of '{extension.ContainingType}'.");
                break;
            case ServerReflectionRequest.MessageRequestOneofCase.AllExtensionNumbersOfType:
                AnswerWithExtensionNumbers(response, request.AllExtensionNumbersOfType);
                break;
            default:
                AnswerWithError(response, StatusCode.InvalidArgument, "The request asks nothing.");
                break;
        }

        return response;
    }

    private static void AnswerWithError(ServerReflectionResponse response, StatusCode code, string message) =>
        response.ErrorResponse = new ErrorResponse { ErrorCode = (int)code, ErrorMessage = message };

    private void AnswerWithExtensionNumbers(ServerReflectionResponse response, string type)
    {
        if (index.FindExtensionNumbers(type) is { } numbers)
        {
            response.AllExtensionNumbersResponse = new ExtensionNumberResponse { BaseTypeName = type, ExtensionNumber = { numbers } };
        }
        else
        {
            AnswerWithError(response, StatusCode.NotFound, $"No message type '{type}'.");
        }
    }

    private void AnswerWithFile(ServerReflectionResponse response, FileDescriptor? file, string notFound)
    {
        if (file is null)
        {
            AnswerWithError(response, StatusCode.NotFound, notFound);
            return;
        }

        // The file that was asked for is always there, even when it was sent before; of its dependencies only those that were not.
        FileDescriptorResponse files = new();
        _sentFiles.Add(file.Name);
        files.FileDescriptorProto.Add(file.SerializedData);
        AddDependencies(files, file);
        response.FileDescriptorResponse = files;
    }

    private void AddDependencies(FileDescriptorResponse files, FileDescriptor file)
    {
        foreach (FileDescriptor dependency in file.Dependencies)
        {
            if (_sentFiles.Add(dependency.Name))
            {
                files.FileDescriptorProto.Add(dependency.SerializedData);
                AddDependencies(files, dependency);
            }
        }
    }
}
