namespace Adam.Engine;

/// <summary>What <c>powf</c> gave for the bias corrections of an update, before it is rounded to the type of the variables.</summary>
/// <param name="Beta1">beta_1 to the power of the update's number.</param>
/// <param name="Beta2">beta_2 to the power of the update's number.</param>
public readonly record struct BetaPowers(float Beta1, float Beta2);
