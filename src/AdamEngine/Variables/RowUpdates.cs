namespace Adam.Engine;

/// <summary>What a step does to the rows (indices along the first dimension) of a variable that its gradient has no values for.</summary>
public enum RowUpdates
{
    /// <summary>They have the gradient zero, as in Keras: their moments decay, and they move on.</summary>
    Dense = 0,

    /// <summary>
    /// They stay as they are, with all their slots; each row counts its own updates (<see cref="AdamSlot.RowSteps"/>). Not what Keras does.
    /// </summary>
    Lazy = 1,
}
