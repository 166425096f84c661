namespace Adam.Fuzz.Targets.Requests;

/// <summary>Strings that mean something to some field of a request.</summary>
internal static class RequestWords
{
    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<string> All =
    [
        "", FuzzedSession.Id, FuzzedSession.Worker, "other", "dense/kernel", "dense/bias", "scalar", "a/b/c", "/", "labels", "learning_rate", "env", "bias|kernel",
        "^dense/.*$", "(a+)+$", "[a-z]{1,200}", "(?=x)", "\\1", "[", "(((((((a{9}){9}){9}){9}){9}){9}){9})", "ZnV6eg==", "adam", "..", "x-9_.",
        "{\"class_name\": \"Adam\", \"config\": {\"learning_rate\": 0.001, \"beta_1\": 0.9, \"clipnorm\": null}}",
        "{\"module\": \"keras.optimizers\", \"class_name\": \"Adam\", \"registered_name\": null, \"config\": {\"learning_rate\": {\"module\": "
        + "\"keras.optimizers.schedules\", \"class_name\": \"ExponentialDecay\", \"config\": {\"initial_learning_rate\": 1e-2, \"decay_steps\": 10, "
        + "\"decay_rate\": 0.5, \"staircase\": true}}}}",
        "{\"class_name\": \"LossScaleOptimizer\", \"config\": {\"inner_optimizer\": {\"class_name\": \"Adam\", \"config\": {\"name\": \"\\u0041\\ud83d\\ude00\"}}, "
        + "\"initial_scale\": 32768.0, \"dynamic_growth_steps\": 2000}}",
        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "NaN", "-Infinity", "1e999", "99999999999999999999999999",
    ];
}
