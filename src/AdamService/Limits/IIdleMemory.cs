namespace Adam.Service.Limits;

/// <summary>Somebody who keeps memory for later that nobody uses now.</summary>
internal interface IIdleMemory
{
    /// <summary>Frees everything that lies idle, and gives it back to the budget.</summary>
    void FreeIdle();
}
