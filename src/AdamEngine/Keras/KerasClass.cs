namespace Adam.Engine;

/// <summary>Which Keras class an optimizer is. Both do the same arithmetic; the class matters to <see cref="KerasOptimizerJson"/>.</summary>
public enum KerasClass
{
    /// <summary><c>keras.optimizers.Adam</c>.</summary>
    Adam = 0,

    /// <summary><c>keras.optimizers.AdamW</c>, whose weight decay cannot be off.</summary>
    AdamW = 1,
}
