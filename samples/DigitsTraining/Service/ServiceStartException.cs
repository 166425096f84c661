namespace Adam.Samples.DigitsTraining.Service;

/// <summary>The service did not come up; the message has what it said.</summary>
internal sealed class ServiceStartException(string message) : Exception(message);
