using Adam.Service.Errors;
using Adam.Service.Sessions;
using Adam.Service.Storage.Files;
using Adam.Service.Storage.Log;
using Adam.Service.Tests.Storage.Files;
using Adam.Service.Tests.Storage.Log;
using Adam.Storage.V1;
using Adam.V1;

namespace Adam.Service.Tests.Durability;

/// <summary>A session is deleted where there is no room for the record that says so.</summary>
public sealed class DeletionOnAFullDiskTests
{
    private const string Path = "/reserve";

    [Fact]
    public async Task Delete_WithAReserve_IsLogged_AndOtherChangesAreRefused()
    {
        var disk = new SimulatedDisk();
        var reserve = new RoomReserve(LogBed.FilesOf(disk), Path);
        using var log = LogBed.Open(disk, new StepLogOptions());
        var session = new SessionLog(log, new LogPins(), 7, reserve);
        reserve.Keep();
        disk.Capacity = disk.Paths.Sum(path => (long)disk[path].Length);

        Assert.Equal(ErrorReason.StorageFull, (await ChangeAsync(session))?.Reason);
        Assert.Contains(Path, disk.Paths);
        await session.DeleteAsync();

        Assert.DoesNotContain(Path, disk.Paths);
        using var reader = LogBed.Read(disk.AfterPowerCut(1));
        Assert.Equal(LogHead.ChangeOneofCase.Deleted, LogHead.Parser.ParseFrom(reader.ReadHead(Assert.Single(reader.Records()))).ChangeCase);

        // Room again for the next one, as soon as there is.
        disk.Capacity = long.MaxValue;
        reserve.Keep();
        Assert.Equal(RoomReserve.Bytes, disk[Path].Length);
    }

    [Fact]
    public async Task Delete_WithoutAReserve_IsRefused()
    {
        var disk = new SimulatedDisk();
        var reserve = new RoomReserve(LogBed.FilesOf(disk), Path);
        using var log = LogBed.Open(disk, new StepLogOptions());
        var session = new SessionLog(log, new LogPins(), 7, reserve);
        disk.Capacity = disk.Paths.Sum(path => (long)disk[path].Length);

        Assert.Throws<StorageFullException>(reserve.Keep);
        Assert.Equal(ErrorReason.StorageFull, (await Assert.ThrowsAsync<ServiceException>(session.DeleteAsync)).Reason);
    }

    [Fact]
    public void Keep_WhatAnEarlierStartHasLeft_IsUsed()
    {
        var disk = new SimulatedDisk();
        new RoomReserve(LogBed.FilesOf(disk), Path).Keep();
        var operations = disk.Operations;
        var reserve = new RoomReserve(LogBed.FilesOf(disk), Path);

        reserve.Keep();

        Assert.Equal(operations, disk.Operations);
        Assert.True(reserve.TryGiveUp());
        Assert.False(reserve.TryGiveUp());
    }

    private static async Task<ServiceException?> ChangeAsync(SessionLog session)
    {
        var done = new TaskCompletionSource();
        var append = session.Append(new LoggedChange(new LogHead { Finalized = new FinalizedValues() }, []), 1, _ => done.SetResult());
        if (!append.IsCompleted)
        {
            await done.Task;
        }

        return append.Refusal;
    }
}
