namespace Adam.Client;

/// <summary>Over what <see cref="AdamSettings.GlobalClipNorm"/> takes its norm.</summary>
public enum ClipScope
{
    /// <summary>A scope that this version of the SDK does not know.</summary>
    Unknown = 0,

    /// <summary>The tensors of each group by themselves, as independent Keras optimizers do.</summary>
    Group = 1,

    /// <summary>All gradients of the batch whose group clips globally. With more than one group this is not what Keras does.</summary>
    Session = 2,
}
