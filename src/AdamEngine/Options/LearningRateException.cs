namespace Adam.Engine;

/// <summary>The learning rate cannot be set in this state of the optimizer. Keras raises <c>TypeError</c> here.</summary>
public sealed class LearningRateException : InvalidOperationException
{
    internal const string ScheduleInPlace =
        "This optimizer was created with a `LearningRateSchedule` object as its `learning_rate` constructor argument, "
        + "hence its learning rate is not settable. If you need the learning rate to be settable, you should instantiate "
        + "the optimizer with a float `learning_rate` argument.";

    internal const string SuppliedInPlace =
        "The learning rate comes with every step (a callable in Keras, which fails here with an AttributeError), hence it is not settable.";

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What was refused and what to do about it.</param>
    public LearningRateException(string message)
        : base(message)
    {
    }
}
