namespace Adam.Engine;

/// <summary>Over what the norm of <see cref="AdamOptions.GlobalClipNorm"/> is taken.</summary>
public enum ClipScope
{
    /// <summary>The gradients of each group by themselves, as independent Keras optimizers do.</summary>
    Group = 0,

    /// <summary>All gradients of the step. With more than one group this is not what Keras does.</summary>
    Session = 1,
}
