namespace Adam.Engine;

/// <summary>One reason why a configuration is refused.</summary>
/// <param name="Field">
/// The argument in Keras's spelling, e.g. <c>ema_momentum</c>; nested ones are joined by a dot, e.g.
/// <c>learning_rate.decay_steps</c>, and list elements carry their index, e.g. <c>variables[2].shape</c>.
/// </param>
/// <param name="Message">A sentence for the user: Keras's own text wherever Keras has one.</param>
public sealed record OptionError(string Field, string Message);
