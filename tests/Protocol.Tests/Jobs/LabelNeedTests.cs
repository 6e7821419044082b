using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Protocol.Tests.Jobs;

public sealed class LabelNeedTests
{
    [Theory]
    [InlineData("blender")]
    [InlineData("python:numpy")]
    [InlineData("python:ruamel.yaml>=0.17")]
    [InlineData("python3>=3.10")]
    [InlineData("python3 >= 3.10")]
    [InlineData("os=linux")]
    [InlineData("cores>=8")]
    [InlineData("disk")]
    [InlineData("disk>=50GiB")]
    [InlineData("gpu.memory>=1.5GB")]
    public void Is_taken(string need) => LabelNeed.Complaint(need).ShouldBeNull();

    [Theory]
    [InlineData("", "is empty")]
    [InlineData(" ", "is empty")]
    [InlineData(null, "is empty")]
    [InlineData("a b", "is 'a b': write NAME, NAME=VALUE or NAME>=VERSION")]
    [InlineData(">=3", "write NAME")]
    [InlineData("=3", "write NAME")]
    [InlineData("==", "write NAME")]
    [InlineData("python3==3.11", "write NAME")]
    [InlineData("python3>>3", "write NAME")]
    [InlineData("python3>3", "write NAME")]
    [InlineData("python3<=3", "write NAME")]
    [InlineData("python3!=3", "write NAME")]
    [InlineData("python3=>3", "write NAME")]
    [InlineData("python3>=", "write NAME")]
    [InlineData("python3=", "write NAME")]
    [InlineData("python3>=3>=4", "write NAME")]
    [InlineData("a\u001b[2J", "write NAME")]
    [InlineData("a=\u001b[2J", "write NAME")]
    [InlineData("python3>=abc", "is 'python3>=abc': write a version, such as python3>=3.10")]
    [InlineData("python3>=3.", "write a version")]
    [InlineData("python3>=3.1x", "write a version")]
    [InlineData("python3>=3GiB", "write a version")]
    [InlineData("python3>=99999999999999999999", "write a version")]
    [InlineData("disk>=abc", "is 'disk>=abc': write a size, such as disk>=16GiB")]
    [InlineData("disk>=50", "write a size")]
    [InlineData("disk=50GiB", "write a size")]
    [InlineData("gpu.memory>=-8GiB", "write a size")]
    public void Is_refused(string? need, string complaint) => LabelNeed.Complaint(need).ShouldNotBeNull().ShouldContain(complaint);

    [Fact]
    public void Is_not_endless() => LabelNeed.Complaint(new string('x', LabelNeed.LengthMax + 1)).ShouldBe("has 201 characters: 200 are the most");
}
