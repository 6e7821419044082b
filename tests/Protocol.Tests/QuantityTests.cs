namespace AkkaCompute.Protocol.Tests;

public sealed class QuantityTests
{
}
