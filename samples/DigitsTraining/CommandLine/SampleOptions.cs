using Adam.Samples.DigitsTraining.Training;

namespace Adam.Samples.DigitsTraining.CommandLine;

/// <summary>What the command line says.</summary>
/// <param name="Plan">What to train.</param>
/// <param name="Server">A running service. Null: one is started.</param>
/// <param name="ServiceDll">Another service to start. Null: the one that was built with the sample.</param>
/// <param name="InProcess">True trains without a service.</param>
/// <param name="Verify">True trains once more in this process and compares.</param>
/// <param name="MinAccuracy">The test accuracy, 0 to 1, below which the run has failed.</param>
internal sealed record SampleOptions(
    TrainingPlan Plan,
    Uri? Server,
    string? ServiceDll,
    bool InProcess,
    bool Verify,
    double MinAccuracy);
