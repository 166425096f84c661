namespace Adam.Service.Storage.Log;

/// <summary>A record that was durable cannot be read.</summary>
/// <param name="damage">Which, and where.</param>
internal sealed class LogDamageException(LogDamage damage) : IOException(damage.ToString())
{
    /// <summary>Which, and where.</summary>
    public LogDamage Damage { get; } = damage;
}
