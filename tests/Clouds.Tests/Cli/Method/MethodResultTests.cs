using Clouds.Cli.Method;
using Clouds.Diagnostics;
using Clouds.Training.Streets.World;

namespace Clouds.Tests.Cli.Method;

[Kind(TestKind.Fast)]
public sealed class MethodResultTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Mean_OfAGroup_IsThatOfItsStylesAlone()
    {
        MethodResult result = MadeResult.Of(MethodPlan.Quick, (arm, test) => (10 * (int)arm) + (test.Group == WorldGroup.Unseen ? 1 : 4));
        Assert.Equal(4, result.Mean(MethodArm.Source, WorldGroup.Seen));
        Assert.Equal(21, result.Mean(MethodArm.Refined, WorldGroup.Unseen));
        Assert.Equal(((5 * 24) + (3 * 21)) / 8.0, result.Mean(MethodArm.Refined));
        Assert.Null(result.Mean(MethodArm.Scratch));
    }

    [Fact]
    public void Read_WhatWasWritten_GivesTheSameBytesAgain()
    {
        MethodResult result = MadeResult.Of(MethodPlan.Demo, (arm, _) => 33.125 + (int)arm);
        result.Write(_folder["result.json"]);
        MethodResult read = MethodResult.Read(_folder["result.json"]);
        read.Write(_folder["again.json"]);
        Assert.Equal(File.ReadAllBytes(_folder["result.json"]), File.ReadAllBytes(_folder["again.json"]));
        Assert.Equal(34.125, read.Find(MethodArm.Generated)!.Scores[0].MeanIou);
    }

    [Fact]
    public void Read_HalfAFile_SaysWhatToDo()
    {
        File.WriteAllText(_folder["result.json"], "{\"plan\": {");
        CloudsException failure = Assert.Throws<CloudsException>(() => MethodResult.Read(_folder["result.json"]));
        Assert.Equal(Failure.BadInput, failure.Failure);
        Assert.Contains("clouds demo", failure.Wanted, StringComparison.Ordinal);
    }
}
