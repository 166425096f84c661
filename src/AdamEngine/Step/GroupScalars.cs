namespace Adam.Engine;

/// <summary>
/// What a step of one group takes from the machine's mathematical library, whose last bits differ between machines. Kept with a step, it lets
/// another machine repeat the step bit for bit. (Lazy rows count for themselves: their powers are not here.)
/// </summary>
/// <param name="Group">Index of the group.</param>
/// <param name="LearningRate">The learning rate, before its rounding to the type of a variable: a schedule may use <c>powf</c>, <c>cosf</c> and <c>logf</c>.</param>
/// <param name="Float32Powers">The powers for variables of float32.</param>
/// <param name="Float16Powers">The powers for variables of float16, whose betas and counts are rounded to it first.</param>
public readonly record struct GroupScalars(int Group, double LearningRate, BetaPowers Float32Powers, BetaPowers Float16Powers);
